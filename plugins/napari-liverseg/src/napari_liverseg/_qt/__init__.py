"""Widgets of the dock. Qt lives here and nowhere else in the plugin."""
