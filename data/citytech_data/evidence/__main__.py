"""`python -m citytech_data.evidence`: store the evidence of all embedded datasets anew."""

from citytech_data.evidence.store import write_all

if __name__ == "__main__":
    write_all()
