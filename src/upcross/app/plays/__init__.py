"""The catalogue of plays: what each watches, fires and holds."""
