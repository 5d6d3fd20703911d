"""The site around the pages: lists, paths, feeds and ledgers, made from the catalogue and pages."""
