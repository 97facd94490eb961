# SPDX-License-Identifier: Apache-2.0
"""Every GraphQL document that this platform is ever sent: constants, checked by the tests against
the schema of the pinned version. Text from outside goes into variables alone.

A document asks for no more than is compared. The one that issues does not ask for the customer:
a scope that is missing there would spoil the answer to something that was carried out.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "2026-10"
PATH: Final = f"/admin/api/{VERSION}/graphql.json"
FOUND_MAX: Final = 5
PAGE: Final = 50
"""Cards, lines, transactions, refunds at a time: one request may cost at most 1000 points."""

_MONEY: Final = "{ amount currencyCode }"
_BAG: Final = f"{{ presentmentMoney {_MONEY} }}"
_CARD: Final = f"id lastCharacters enabled note createdAt initialValue {_MONEY} balance {_MONEY}"
_LINKED: Final = f"{_CARD} customer {{ id }}"
_ERRORS: Final = "userErrors { field message }"
_CODED: Final = "userErrors { field message code }"

CREATE: Final = (
    "mutation Create($input: GiftCardCreateInput!) { giftCardCreate(input: $input) "
    f"{{ giftCard {{ {_CARD} }} giftCardCode {_CODED} }} }}"
)
UPDATE: Final = (
    "mutation Update($id: ID!, $input: GiftCardUpdateInput!) "
    f"{{ giftCardUpdate(id: $id, input: $input) {{ giftCard {{ {_LINKED} }} {_ERRORS} }} }}"
)
DEACTIVATE: Final = (
    "mutation Deactivate($id: ID!) "
    f"{{ giftCardDeactivate(id: $id) {{ giftCard {{ {_CARD} }} {_CODED} }} }}"
)
FIND: Final = (
    f"query Find($query: String!) {{ giftCards(first: {FOUND_MAX}, query: $query) "
    f"{{ nodes {{ {_LINKED} }} }} }}"
)
READ: Final = f"query Read($id: ID!) {{ giftCard(id: $id) {{ {_LINKED} }} }}"
LIST: Final = (
    "query List($query: String!, $after: String) "
    f"{{ giftCards(first: {PAGE}, after: $after, sortKey: CREATED_AT, query: $query) "
    f"{{ nodes {{ {_LINKED} }} pageInfo {{ hasNextPage endCursor }} }} }}"
)
CUSTOMER: Final = (
    "query Customer($identifier: CustomerIdentifierInput!) "
    "{ customerByIdentifier(identifier: $identifier) { id firstName lastName } }"
)
INSTALLATION: Final = (
    "query Installation { currentAppInstallation { accessScopes { handle } } "
    "shop { myshopifyDomain currencyCode } }"
)
LIMIT: Final = f"query Limit {{ giftCardConfiguration {{ issueLimit {_MONEY} }} }}"

# ---- orders

_TRANSACTION: Final = f"id kind status gateway amountSet {_BAG} parentTransaction {{ id }}"
_LINES: Final = (
    f"lineItems(first: {PAGE}, after: $after) {{ nodes {{ id name sku quantity "
    f"refundableQuantity originalUnitPriceSet {_BAG} "
    f"discountAllocations {{ allocatedAmountSet {_BAG} }} taxLines(first: 5) "
    f"{{ priceSet {_BAG} }} }} pageInfo {{ hasNextPage endCursor }} }}"
)
_REFUND: Final = (
    f"id note totalRefundedSet {_BAG} transactions(first: 10) {{ nodes {{ {_TRANSACTION} }} }}"
)

ORDERS: Final = (
    f"query Orders($query: String!) {{ orders(first: {FOUND_MAX}, query: $query) "
    "{ nodes { id name } } currentAppInstallation { accessScopes { handle } } }"
)
ORDER: Final = (
    "query Order($id: ID!, $after: String) { order(id: $id) { id name processedAt "
    f"taxesIncluded presentmentCurrencyCode totalPriceSet {_BAG} netPaymentSet {_BAG} "
    f"customer {{ id }} transactions(first: {PAGE}) {{ {_TRANSACTION} accountNumber "
    f"paymentDetails {{ __typename }} }} {_LINES} }} }}"
)
LINES: Final = f"query Lines($id: ID!, $after: String) {{ order(id: $id) {{ id {_LINES} }} }}"
REFUNDS: Final = (
    "query Refunds($id: ID!) { order(id: $id) { id presentmentCurrencyCode customer { id } "
    f"transactions(first: {PAGE}) {{ {_TRANSACTION} }} refunds(first: {PAGE}) "
    "{ id note } } }"
)
REFUND: Final = f"query Refund($id: ID!) {{ refund(id: $id) {{ {_REFUND} }} }}"
REFUND_CREATE: Final = (
    "mutation RefundCreate($input: RefundInput!, $key: String!) "
    "{ refundCreate(input: $input) @idempotent(key: $key) "
    f"{{ refund {{ {_REFUND} }} {_ERRORS} }} }}"
)

EVERY: Final = {
    name: document
    for name, document in list(globals().items())
    if name.isupper() and isinstance(document, str) and document.startswith(("query", "mutation"))
}
"""By the constant's name."""
