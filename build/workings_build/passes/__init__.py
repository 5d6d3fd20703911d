"""The passes `load -> check -> run -> bake -> render -> index -> verify`, each a plain function."""
