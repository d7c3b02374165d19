"""The newest orders with their customers and lines, as the shop's front page lists them."""

import sqlite3
from typing import Any

_MOST = 250


class NoSuchCustomer(Exception):
    """There is no customer with this number."""


def latest_orders(shop: sqlite3.Connection) -> list[dict[str, Any]]:
    """The newest orders of all customers."""
    return _with_details(shop, shop.execute("SELECT id, customer_id, day FROM orders ORDER BY id DESC LIMIT ?", (_MOST,)).fetchall())


def orders_of(shop: sqlite3.Connection, customer: int) -> list[dict[str, Any]]:
    """The newest orders of one customer; NoSuchCustomer where there is none."""
    if shop.execute("SELECT id FROM customers WHERE id = ?", (customer,)).fetchone() is None:
        raise NoSuchCustomer(f"There is no customer {customer}.")
    sql = "SELECT id, customer_id, day FROM orders WHERE customer_id = ? ORDER BY id DESC LIMIT ?"
    return _with_details(shop, shop.execute(sql, (customer, _MOST)).fetchall())


def _with_details(shop: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Each order with its customer's name and its lines."""
    found = []
    for row in rows:
        buyer = shop.execute("SELECT name FROM customers WHERE id = ?", (row["customer_id"],)).fetchone()
        lines = shop.execute("SELECT article, quantity FROM lines WHERE order_id = ? ORDER BY article, quantity", (row["id"],)).fetchall()
        found.append(
            {
                "order": row["id"],
                "day": row["day"],
                "customer": buyer["name"] if buyer else None,
                "lines": [{"article": line["article"], "quantity": line["quantity"]} for line in lines],
            }
        )
    return found
