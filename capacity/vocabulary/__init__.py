"""The words of the domain as frozen types: one word, one thing, in Python, Lua, SQL, TypeScript and on the wire."""
