"""The shop's database: customers, orders and their lines, the same at every start. It is in memory, so nothing is left behind."""

import sqlite3

CUSTOMERS = 400
ORDERS = 6_000
LINES_PER_ORDER = 4

_SCHEMA = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, day TEXT NOT NULL);
    CREATE TABLE lines (order_id INTEGER NOT NULL REFERENCES orders, article TEXT NOT NULL, quantity INTEGER NOT NULL);
"""
_ARTICLES = ("apron", "bowl", "cup", "dish", "egg timer", "fork", "grater")


def open_shop() -> sqlite3.Connection:
    """A connection to a new database with all its rows."""
    shop = sqlite3.connect(":memory:")
    shop.row_factory = sqlite3.Row
    shop.executescript(_SCHEMA)
    shop.executemany("INSERT INTO customers VALUES (?, ?)", ((number, f"Customer {number}") for number in range(1, CUSTOMERS + 1)))
    shop.executemany("INSERT INTO orders VALUES (?, ?, ?)", (_order(number) for number in range(1, ORDERS + 1)))
    shop.executemany("INSERT INTO lines VALUES (?, ?, ?)", (_line(number) for number in range(ORDERS * LINES_PER_ORDER)))
    shop.commit()
    return shop


def _order(number: int) -> tuple[int, int, str]:
    return number, number * 7 % CUSTOMERS + 1, f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"


def _line(number: int) -> tuple[int, str, int]:
    return number // LINES_PER_ORDER + 1, _ARTICLES[number * 3 % len(_ARTICLES)], number % 4 + 1
