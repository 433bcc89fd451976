"""One module a screen: read the form, do one deed, show the answer."""
