"""Amounts of money in even parts; pure."""


def even_parts(amount: float, count: int, digits: int) -> list[float]:
    """Divide an amount into parts that differ by the smallest coin at most and add up to it.

    :param amount: what is divided, not negative
    :param count: how many parts
    :param digits: decimal places of the currency
    :return: the larger parts first
    """
    coins = round(amount * 10**digits)
    each, left = divmod(coins, count)
    return [(each + (number < left)) / 10**digits for number in range(count)]
