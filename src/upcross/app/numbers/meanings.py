"""What each number means, in a sentence: shown where it stands."""

from __future__ import annotations

MEANINGS = {
    "nrr": "Net revenue retention: what the customers who paid at the start pay at the end, more or less of it, over"
           " what they paid at the start. New customers are not in it.",
    "nrr_without_price": "The same without price rises, ended discounts and agreed escalators: what customers did, not"
                         " what we charge.",
    "grr": "Gross revenue retention: the same, where no customer counts for more than it paid at the start. It shows"
           " what is lost, whatever was won.",
    "logo_retention": "Of the customers who paid at the start, the share that still pays at the end.",
    "quick_ratio": "Revenue won over revenue lost in the window, each customer netted within the month; merges and"
                   " currencies are left out.",
    "points": "Hundredths of the revenue at the start: the points of all causes add up to NRR less 100%.",
    "bridge": "How recurring revenue came from the start to the end, all customers, cause by cause. Price stands by"
              " itself and is never counted as upsell.",
    "kept": "Of what the mechanism won in the twelve months before, the share that is still paid twelve months later.",
    "led": "Whether customers above the month's median expanded more often in the three months that followed. It goes"
           " together; it need not be the cause.",
    "attach": "Of the customers to whom it could be sold, the share that owns it at the end.",
}  # fmt: skip
