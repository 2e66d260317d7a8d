"""What takes minutes: `python3 dev.py long`."""
