// The requested costs here were reported by Shopify for these selections (API 2026-04, a development store).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { getOperationAST, parse } from 'graphql';

import { costOf } from '../cost.js';
import { schema } from './helper.js';

const recorded = [
  [1, 'query { customer(id: "gid://shopify/Customer/1") { id email } }'],
  [2, 'query { products(first: 0) { nodes { id } } }'],
  [3, 'query { products(first: 1) { nodes { id } } }'],
  [3, 'query { markets(first: 2) { nodes { id name } } }'],
  [5, 'query { cartTransforms(first: 5) { nodes { id } } }'],
  [6, 'query { locations(first: 10) { nodes { id name isActive } } }'],
  [7, 'query { locations(first: 20) { nodes { id name } } }'],
  [9, 'query { publications(first: 50) { nodes { id name } } }'],
  [13, 'query { products(first: 250) { nodes { id } pageInfo { hasNextPage endCursor } } }'],
  [18, `query { inventoryItem(id: "gid://shopify/InventoryItem/1") { id tracked requiresShipping sku variant { id title inventoryQuantity
    selectedOptions { name value } product { id title handle status totalInventory tracksInventory } } inventoryLevels(first: 10) { nodes {
    id location { id name } quantities(names: ["available", "on_hand"]) { id name quantity updatedAt } } } } }`],
  [10, `mutation { orderCancel(orderId: "gid://shopify/Order/1", reason: OTHER, restock: true) { job { id done }
    orderCancelUserErrors { field message code } userErrors { field message } } }`],
  [10, `mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: []}) { fulfillment { id status displayStatus }
    userErrors { field message } } }`],
  [11, `mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: []}) { fulfillment { id trackingInfo { number url } }
    userErrors { field message } } }`],
  [19, `mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: []}) { fulfillment { id status trackingInfo { number }
    fulfillmentLineItems(first: 5) { nodes { id quantity lineItem { id title } } } } userErrors { field message } } }`],
  [13, `mutation { inventorySetQuantities(input: {name: "available", reason: "correction", quantities: []}) { inventoryAdjustmentGroup {
    reason changes { name delta item { id } location { id name } } } userErrors { field message code } } }`],
];

for (const [cost, text] of recorded) {
  test(`${cost} points: ${text.replace(/\s+/g, ' ').slice(0, 100)}`, () => {
    const document = parse(text);
    assert.equal(costOf(schema, document, getOperationAST(document), {}), cost);
  });
}
