"""Signing in with a company's own provider of identities (OpenID Connect), held to state, nonce, PKCE and signature."""
