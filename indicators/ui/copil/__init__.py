"""The meeting on screen: its list, its preparation, its slides."""
