# SPDX-License-Identifier: Apache-2.0
"""What is asked of Saleor, as constant GraphQL documents. Outside text goes in as variables alone.

Written against the schema of 3.24. Fields that need another permission than MANAGE_GIFT_CARD
stand only in the documents that cannot do without: a field that is denied in the answer of a
mutation would hide what was done.
"""

from __future__ import annotations

from typing import Final

KEY_FIELD: Final = "countermark_key"
"""The public metadata of a card that holds our key: only public metadata can be filtered by."""

_CARD: Final = """
fragment Card on GiftCard {
  id
  code
  isActive
  metafield(key: "countermark_key")
  initialBalance { amount currency }
  currentBalance { amount currency }
  issued: events(filter: { type: ISSUED }) {
    balance { initialBalance { amount currency } }
  }
}
"""

CREATE: Final = (
    """
mutation CountermarkCreate($input: GiftCardCreateInput!) {
  giftCardCreate(input: $input) {
    errors { field code message }
    giftCard { ...Card }
  }
}
"""
    + _CARD
)

FIND: Final = (
    """
query CountermarkFind($code: String!, $key: String!) {
  byCode: giftCards(first: 2, filter: { code: $code }) { edges { node { ...Card } } }
  byKey: giftCards(first: 2, filter: { metadata: [{ key: "countermark_key", value: $key }] }) {
    edges { node { ...Card } }
  }
}
"""
    + _CARD
)

BALANCE: Final = """
query CountermarkBalance($code: String!) {
  giftCards(first: 2, filter: { code: $code }) {
    edges { node { id code isActive currentBalance { amount currency } } }
  }
}
"""

VOUCHER: Final = """
query CountermarkVoucher($code: String!) {
  vouchers(first: 20, filter: { search: $code }) {
    edges { node { id code codes(first: 20) { edges { node { code } } } } }
  }
}
"""

DEACTIVATE: Final = (
    """
mutation CountermarkDeactivate($id: ID!) {
  giftCardDeactivate(id: $id) {
    errors { field code message }
    giftCard { ...Card }
  }
}
"""
    + _CARD
)

FIND_LINKED: Final = """
query CountermarkFindLinked($code: String!) {
  giftCards(first: 2, filter: { code: $code }) { edges { node { id code assignedTo { id } } } }
}
"""

ASSIGN: Final = """
mutation CountermarkAssign($id: ID!, $userId: ID!) {
  giftCardAssignUser(id: $id, userId: $userId) {
    errors { field code message }
    giftCard { id code assignedTo { id } }
  }
}
"""

ANNOTATE: Final = """
mutation CountermarkAnnotate($id: ID!, $input: [MetadataInput!]!) {
  updatePrivateMetadata(id: $id, input: $input) {
    errors { field code message }
    item { ... on GiftCard { id code } }
  }
}
"""

LIST: Final = """
query CountermarkList($after: String) {
  giftCards(first: 100, after: $after, sortBy: { field: CREATED_AT, direction: DESC }) {
    pageInfo { hasNextPage endCursor }
    edges {
      node {
        id
        created
        isActive
        metafield(key: "countermark_key")
        initialBalance { amount currency }
        currentBalance { amount currency }
        issued: events(filter: { type: ISSUED }) {
          balance { initialBalance { amount currency } }
        }
      }
    }
  }
}
"""

USER: Final = """
query CountermarkUser($email: String, $reference: String) {
  user(email: $email, externalReference: $reference) { id isActive email }
}
"""

CUSTOMERS: Final = """
query CountermarkCustomers($where: CustomerWhereInput!) {
  customers(first: 10, where: $where) { totalCount edges { node { id isActive email } } }
}
"""

PROBE: Final = """
query CountermarkProbe {
  shop { schemaVersion }
  app { isActive permissions { code } }
  giftCards(first: 1) { totalCount }
}
"""

_GRANTED: Final = """
fragment Granted on OrderGrantedRefund {
  id
  createdAt
  status
  reason
  amount { amount currency }
  lines { quantity orderLine { id } }
}
"""

_ORDER: Final = (
    """
fragment Sold on Order {
  id
  number
  externalReference
  created
  user { id }
  total { gross { amount currency } }
  lines {
    id
    productName
    variantName
    productSku
    quantity
    unitPrice { gross { amount currency } }
  }
  fulfillments { status lines { quantity orderLine { id } } }
  grantedRefunds { ...Granted }
  transactions {
    id
    name
    actions
    chargedAmount { amount currency }
    refundedAmount { amount currency }
    refundPendingAmount { amount currency }
    paymentMethodDetails {
      __typename
      ... on CardPaymentMethodDetails { lastDigits }
      ... on GiftCardPaymentMethodDetails { lastChars }
    }
  }
}
"""
    + _GRANTED
)

SALE: Final = (
    """
query CountermarkSale($reference: String!) {
  byReference: order(externalReference: $reference) { ...Sold }
}
"""
    + _ORDER
)

SALE_BY_NUMBER: Final = (
    """
query CountermarkSaleByNumber($reference: String!, $number: Int!) {
  byReference: order(externalReference: $reference) { ...Sold }
  byNumber: orders(first: 2, where: { number: { eq: $number } }) { edges { node { ...Sold } } }
}
"""
    + _ORDER
)

GRANTED: Final = (
    """
query CountermarkGranted($id: ID!) {
  order(id: $id) { id grantedRefunds { ...Granted } }
}
"""
    + _GRANTED
)

GRANT: Final = (
    """
mutation CountermarkGrant($id: ID!, $input: OrderGrantRefundCreateInput!) {
  orderGrantRefundCreate(id: $id, input: $input) {
    errors { field code message }
    grantedRefund { ...Granted }
  }
}
"""
    + _GRANTED
)

REQUEST_REFUND: Final = """
mutation CountermarkRequestRefund($grantedRefundId: ID!, $id: ID) {
  transactionRequestRefundForGrantedRefund(grantedRefundId: $grantedRefundId, id: $id) {
    errors { field code message }
    transaction { id }
  }
}
"""
