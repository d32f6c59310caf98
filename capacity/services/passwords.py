"""Passwords that are easily guessed, told offline.

zxcvbn ships the lists of passwords that were breached most often, and sees through what people do to them: a capital,
a year behind, letters as digits, rows of the keyboard. Source: NIST SP 800-63B-4, 3.1.1.2; ANSSI, mots de passe.
"""

from capacity.errors import WeakPassword

LEAST_SIGNS = 12
MOST_SIGNS = 256
MOST_SIGNS_JUDGED = 72
"""zxcvbn takes long over long ones, and these are enough to tell."""
LEAST_SCORE = 4
"""Beyond ten thousand million guesses."""
NEAR_WORDS = (
    "capacity",
    "samusocial",
    "siao",
    "maraude",
    "halte",
    "motdepasse",
    "bonjour",
    "soleil",
    "azerty",
    "paris",
)
"""Its lists know few words of French, and none of ours."""


def refuse_weak(password: str, email: str) -> None:
    """Raises WeakPassword. Takes some milliseconds: long for an event loop that has others to serve, but rare."""
    from zxcvbn import zxcvbn  # its lists take longer to load than most processes need

    if len(password) < LEAST_SIGNS:
        raise WeakPassword
    own_words = [email, *email.split("@"), *email.replace("@", ".").split("."), *NEAR_WORDS]
    judged = zxcvbn(password[:MOST_SIGNS_JUDGED], user_inputs=own_words)
    if judged["score"] < LEAST_SCORE:
        raise WeakPassword
