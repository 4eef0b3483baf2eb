"""The screens that open above the tabs."""
