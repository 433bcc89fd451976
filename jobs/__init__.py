"""Jobs find, call and count. The list stands in schedule.py."""
