"""Customer records at work: worklists for stewards, samples to audit by hand."""
