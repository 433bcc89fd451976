"""What the tests stand on: real databases, a real mail server, a real browser, the real portal."""
