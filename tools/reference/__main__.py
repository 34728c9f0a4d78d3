"""Write the pages of the reference anew."""

from tools.reference.pages import FOLDER, all_pages

for page in all_pages():
    page.write(FOLDER)
