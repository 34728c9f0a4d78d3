"""Write the schema anew."""

from tools.schema.package import FILE, text

FILE.write_text(text(), encoding="utf-8")
