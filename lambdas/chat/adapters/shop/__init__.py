"""The shop's own back end, as docs/php-backend.md describes it."""
