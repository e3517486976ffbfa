// Documents whose verdict is known beforehand. The simulator feeds them to itself before it opens its port.

export const knownBadDocuments = [
  // The REST name of a money field.
  'query { order(id: "gid://shopify/Order/1") { total_price } }',
  // The compare-and-set argument that 2026-04 replaced by changeFromQuantity, and its opt-out.
  `mutation { inventorySetQuantities(input: { name: "available", reason: "correction", quantities: [
    { inventoryItemId: "gid://shopify/InventoryItem/1", locationId: "gid://shopify/Location/1", quantity: 1, compareQuantity: 0 }
  ] }) @idempotent(key: "k") { userErrors { code } } }`,
  `mutation { inventorySetQuantities(input: { name: "available", reason: "correction", ignoreCompareQuantity: true, quantities: [] })
    @idempotent(key: "k") { userErrors { code } } }`,
  // Required arguments left out.
  'mutation { fulfillmentCreate { fulfillment { id } } }',
  'mutation { orderCancel(orderId: "gid://shopify/Order/1", reason: OTHER) { job { id } } }',
  // An enum value that Shopify does not have.
  'mutation { orderCancel(orderId: "gid://shopify/Order/1", reason: BORED, restock: true) { job { id } } }',
  // The directive where it does not belong, and without its key.
  'mutation @idempotent(key: "k") { fulfillmentCreate(fulfillment: { lineItemsByFulfillmentOrder: [] }) { userErrors { message } } }',
  `mutation { inventorySetQuantities(input: { name: "available", reason: "correction", quantities: [] }) @idempotent
    { userErrors { code } } }`,
  // A selection on a leaf, a leaf selection left out, a variable of another type.
  'query { order(id: "gid://shopify/Order/1") { name { first } } }',
  'query { order(id: "gid://shopify/Order/1") }',
  'query ($id: Int!) { order(id: $id) { id } }',
];

export const knownGoodDocument = `
  mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
    inventorySetQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup { id changes { name delta quantityAfterChange } }
      userErrors { code field message }
    }
  }`;
