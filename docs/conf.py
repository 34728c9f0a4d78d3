"""What Sphinx builds the pages of this folder with; `make docs` runs it."""

project = "pulumi-signa"
copyright = "pulumi-signa's authors, Apache-2.0"  # noqa: A001 - Sphinx's name

extensions = ["myst_parser"]
exclude_patterns = ["_build"]

# Links to headings of other pages, as on GitHub.
myst_heading_anchors = 3

html_theme = "furo"
html_title = "pulumi-signa"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
