import assert from 'node:assert/strict';
import { test } from 'node:test';

import { item, location, orderId, start, startWithOrder } from './helper.js';

test('an order with its lines, and numbers beyond 2^53 to the last digit', async (t) => {
  const { order } = await (await startWithOrder(t)).data(`query ($id: ID!) { order(id: $id) {
    id legacyResourceId name email createdAt updatedAt cancelledAt displayFulfillmentStatus
    lineItems(first: 10) { nodes { id sku quantity currentQuantity unfulfilledQuantity variant { sku } } } } }`, { id: orderId });
  assert.deepEqual(order, {
    id: orderId, legacyResourceId: '820982911946154508', name: '#1001', email: 'jon@example.com', createdAt: '2026-11-24T12:00:00Z',
    updatedAt: '2026-11-24T12:00:00Z', cancelledAt: null, displayFulfillmentStatus: 'UNFULFILLED',
    lineItems: { nodes: [{ id: 'gid://shopify/LineItem/866550311766439020', sku: 'LAMP-1', quantity: 2, currentQuantity: 2,
      unfulfilledQuantity: 2, variant: { sku: 'LAMP-1' } }] },
  });
});

test('what is not there is null, an id of another type is an error', async (t) => {
  const simulator = await startWithOrder(t);
  assert.deepEqual(await simulator.data('query { order(id: "gid://shopify/Order/1") { id } }'), { order: null });
  const { errors, data } = await simulator.ask(`query { order(id: "${location}") { id } }`);
  assert.equal(errors[0].message, 'invalid id');
  assert.deepEqual(errors[0].extensions, { code: 'RESOURCE_NOT_FOUND' });
  assert.deepEqual(errors[0].path, ['order']);
  assert.deepEqual(data, { order: null });
});

test('a fulfilment order says what is to be sent from where', async (t) => {
  const { order } = await (await startWithOrder(t)).data(`query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 5) { edges { node {
    status requestStatus orderId supportedActions { action } assignedLocation { name location { id } }
    lineItems(first: 5) { nodes { totalQuantity remainingQuantity inventoryItemId sku lineItem { id sku } } } } } } } }`, { id: orderId });
  assert.deepEqual(order.fulfillmentOrders.edges.map(({ node }) => node), [{
    status: 'OPEN', requestStatus: 'UNSUBMITTED', orderId,
    supportedActions: ['CREATE_FULFILLMENT', 'REPORT_PROGRESS', 'MOVE', 'HOLD', 'SPLIT'].map((action) => ({ action })),
    assignedLocation: { name: 'Main warehouse', location: { id: location } },
    lineItems: { nodes: [{ totalQuantity: 2, remainingQuantity: 2, inventoryItemId: item, sku: 'LAMP-1',
      lineItem: { id: 'gid://shopify/LineItem/866550311766439020', sku: 'LAMP-1' } }] },
  }]);
});

for (const query of ['sku:LAMP-1', "sku:'LAMP-1'", 'sku:"LAMP-1"', 'sku:lamp-1', 'sku:LAMP-1 AND id:808950810']) {
  test(`a variant and its item are found by ${query}`, async (t) => {
    const simulator = await startWithOrder(t);
    const { productVariants } = await simulator.data(`query ($query: String!) { productVariants(first: 2, query: $query) { nodes {
      id legacyResourceId inventoryQuantity inventoryItem { id tracked } product { title } } } }`, { query });
    assert.deepEqual(productVariants.nodes, [{ id: 'gid://shopify/ProductVariant/808950810', legacyResourceId: '808950810',
      inventoryQuantity: 3, inventoryItem: { id: item, tracked: true }, product: { title: 'Lamp' } }]);
    if (!query.includes('id:')) {
      const document = 'query ($query: String!) { inventoryItems(first: 2, query: $query) { nodes { id } } }';
      const { inventoryItems } = await simulator.data(document, { query });
      assert.deepEqual(inventoryItems.nodes, [{ id: item }]);
    }
  });
}

test('the beginning of a sku finds nothing', async (t) => {
  const document = 'query { productVariants(first: 2, query: "sku:LAMP") { nodes { id } } }';
  const { productVariants } = await (await startWithOrder(t)).data(document);
  assert.deepEqual(productVariants.nodes, []);
});

test('levels by location, all of an item, and by their own id', async (t) => {
  const simulator = await startWithOrder(t);
  const { inventoryItem } = await simulator.data(`query ($item: ID!, $location: ID!) { inventoryItem(id: $item) { sku
    inventoryLevel(locationId: $location) { id } inventoryLevels(first: 5) { nodes { location { name } quantities(names: ["available"]) {
    name quantity } } } } }`, { item, location });
  const id = 'gid://shopify/InventoryLevel/655441491?inventory_item_id=49148385';
  assert.deepEqual(inventoryItem, { sku: 'LAMP-1', inventoryLevel: { id }, inventoryLevels: { nodes: [
    { location: { name: 'Main warehouse' }, quantities: [{ name: 'available', quantity: 3 }] }] } });
  const { inventoryLevel } = await simulator.data('query ($id: ID!) { inventoryLevel(id: $id) { item { id } } }', { id });
  assert.deepEqual(inventoryLevel, { item: { id: item } });
});

test('node and nodes find every kind of record', async (t) => {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  const ids = [orderId, id, item, location, 'gid://shopify/Order/1'];
  const { nodes, node } = await simulator.data(`query ($ids: [ID!]!, $id: ID!) {
    nodes(ids: $ids) { __typename id ... on Order { name } } node(id: $id) { ... on FulfillmentOrder { status } } }`, { ids, id });
  assert.deepEqual(nodes, [{ __typename: 'Order', id: orderId, name: '#1001' }, { __typename: 'FulfillmentOrder', id },
    { __typename: 'InventoryItem', id: item }, { __typename: 'Location', id: location }, null]);
  assert.deepEqual(node, { status: 'OPEN' });
});

test('shop and locations', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.seed({ shop: { currencyCode: 'CHF' }, locations: [{ name: 'Closed', isActive: false }, { name: 'A shop' }] });
  const data = await simulator.data('query { shop { name currencyCode } locations(first: 10) { nodes { name isActive } } }');
  assert.deepEqual(data, { shop: { name: 'Sluice Test Shop', currencyCode: 'CHF' },
    locations: { nodes: [{ name: 'A shop', isActive: true }, { name: 'Main warehouse', isActive: true }] } });
  const all = await simulator.data('query { locations(first: 10, includeInactive: true, sortKey: ID) { nodes { name } } }');
  assert.equal(all.locations.nodes.length, 3);
});

test('a webhook subscription is made once and listed', async (t) => {
  const simulator = await start(t);
  const create = (uri) => simulator.data(`mutation ($uri: String!) { webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: {
    uri: $uri, format: JSON }) { webhookSubscription { id topic uri format } userErrors { field message } } }`, { uri })
    .then((data) => data.webhookSubscriptionCreate);
  const { webhookSubscription, userErrors } = await create('https://sluice.example/orders');
  assert.deepEqual(userErrors, []);
  assert.deepEqual((await create('https://sluice.example/orders')).userErrors,
    [{ field: ['webhookSubscription', 'callbackUrl'], message: 'Address for this topic has already been taken' }]);
  assert.deepEqual((await create('http://sluice.example/orders')).userErrors,
    [{ field: ['webhookSubscription', 'callbackUrl'], message: 'Address protocol http:// is not supported' }]);
  const { webhookSubscriptions } = await simulator.data(`query { webhookSubscriptions(first: 5, topics: [ORDERS_CREATE]) { nodes {
    id topic uri format } } }`);
  assert.deepEqual(webhookSubscriptions.nodes, [webhookSubscription]);
});
