"""Importers and exporters, one file per format; `formats` lists them."""
