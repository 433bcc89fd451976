"""The rules of the desk: plain async functions. No request, no clock and no commit in here."""
