"""Whether a file is what this tool wrote: digests of documents and their parts, keys, signatures.

Contract: interfaces, section 5. `verification` looks at files with them.
"""
