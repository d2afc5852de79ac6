"""napari plugin of liverseg: thin over the library, no metric, no file format, no decision."""
