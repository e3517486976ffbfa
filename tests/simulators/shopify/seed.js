// Puts records into the shop from JSON. Ids are global ids or bare numbers; what is left out is made up. An order may also be given as
// the body of an orders/create webhook, so that a test has one description of an order for both ends.

import { gid, parseGid } from './gid.js';
import { addLevel, commit, levelAt } from './inventory.js';

export class SeedError extends Error {}

export function seed(state, { shop = {}, locations = [], products = [], levels = [], orders = [], ...rest }) {
  refuseUnknown('the seed', rest);
  const { name = state.shop.name, currencyCode = state.shop.currencyCode, myshopifyDomain = state.shop.myshopifyDomain, ...more } = shop;
  refuseUnknown('shop', more);
  Object.assign(state.shop, { name, currencyCode, myshopifyDomain });
  return {
    locations: locations.map((location) => addLocation(state, location)),
    products: products.map((product) => addProduct(state, product)),
    levels: levels.map((level) => seedLevel(state, level)),
    orders: orders.map((order) => addOrder(state, order.line_items ? fromWebhook(state, order) : order)),
  };
}

function addLocation(state, { id, name = 'Shop location', isActive = true, fulfillsOnlineOrders = true, ...rest }) {
  refuseUnknown('a location', rest);
  return state.add({ __typename: 'Location', id: idOf(state, 'Location', id), name, isActive, fulfillsOnlineOrders, ...stamps(state) }).id;
}

function addProduct(state, { id, title = 'A product', variants = [], ...rest }) {
  refuseUnknown('a product', rest);
  const product = state.add({ __typename: 'Product', id: idOf(state, 'Product', id), title, variants: [], ...stamps(state) });
  const made = variants.map((variant) => addVariant(state, product, variant));
  product.variants = made.map((variant) => variant.id);
  return { id: product.id, variants: made };
}

function addVariant(state, product, variant) {
  const { id, sku = null, title = 'Default Title', barcode = null, price, inventoryItem = {}, ...rest } = variant;
  refuseUnknown('a variant', rest);
  const { id: itemId, tracked = true, requiresShipping = true, ...more } = inventoryItem;
  refuseUnknown('an inventory item', more);
  const item = { __typename: 'InventoryItem', id: idOf(state, 'InventoryItem', itemId), sku, tracked, requiresShipping, ...stamps(state) };
  const record = { __typename: 'ProductVariant', id: idOf(state, 'ProductVariant', id), product: product.id, inventoryItem: item.id, sku,
    title, barcode, price, ...stamps(state) };
  state.add({ ...item, variant: record.id });
  state.add(record);
  return { id: record.id, sku, inventoryItem: item.id };
}

function seedLevel(state, { location, sku, inventoryItem, available = 0, committed = 0, ...rest }) {
  refuseUnknown('a level', rest);
  const item = inventoryItem === undefined ? itemOfSku(state, sku)?.id : idOf(state, 'InventoryItem', inventoryItem);
  const place = locationOf(state, location);
  if (!item || !state.get(item)) {
    throw new SeedError(`a level names no inventory item: ${JSON.stringify({ sku, inventoryItem })}`);
  }
  const level = levelAt(state, item, place);
  if (level) {
    Object.assign(level, { available, committed });
    state.touch(level);
    return level.id;
  }
  return addLevel(state, place, item, available, committed).id;
}

function addOrder(state, order) {
  const { id, name, email = null, phone = null, note = null, tags = [], currencyCode = state.shop.currencyCode, createdAt, updatedAt,
    processedAt, cancelledAt = null, lineItems = [], location, reserve = true, ...rest } = order;
  refuseUnknown('an order', rest);
  const now = state.clock.timestamp();
  const record = state.add({
    __typename: 'Order', id: idOf(state, 'Order', id), name: name ?? `#${1001 + state.all('Order').length}`, email, phone, note, tags,
    currencyCode, createdAt: createdAt ?? now, updatedAt: updatedAt ?? createdAt ?? now, processedAt: processedAt ?? createdAt ?? now,
    cancelledAt, cancelReason: cancelledAt ? 'OTHER' : null, closed: false, closedAt: null, lineItems: [],
  });
  const lines = lineItems.map((line) => addLine(state, line));
  record.lineItems = lines.map((line) => line.id);
  const fulfillmentOrders = openFulfillmentOrders(state, record, lines, location, reserve);
  return { id: record.id, name: record.name, lineItems: record.lineItems, fulfillmentOrders };
}

// A line whose product the shop does not (or no longer) know is an order's right; it moves no stock.
function addLine(state, { id, sku = null, variant, title, quantity = 1, requiresShipping = true, location, ...rest }) {
  refuseUnknown('a line item', rest);
  const item = variant === undefined ? itemOfSku(state, sku) : itemOfVariant(state, variant);
  const name = title ?? (item ? state.get(state.get(item.variant).product).title : sku ?? 'An item');
  const record = state.add({ __typename: 'LineItem', id: idOf(state, 'LineItem', id), sku: sku ?? item?.sku ?? null, title: name, name,
    variant: item?.variant ?? null, quantity, requiresShipping, removedQuantity: 0, fulfilledQuantity: 0 });
  return { id: record.id, quantity, location, inventoryItem: item?.id ?? null };
}

// One fulfilment order for each location that the lines name; the lines that name none go to the order's, or to the first location.
function openFulfillmentOrders(state, order, lines, location, reserve) {
  const places = new Map();
  for (const line of lines) {
    const place = locationOf(state, line.location ?? location ?? state.sorted('Location')[0]?.id);
    places.set(place, [...(places.get(place) ?? []), line]);
  }
  return [...places].map(([place, held]) => {
    const record = state.add({
      __typename: 'FulfillmentOrder', id: state.newId('FulfillmentOrder'), order: order.id, location: place,
      status: order.cancelledAt ? 'CLOSED' : 'OPEN', requestStatus: 'UNSUBMITTED', createdAt: order.createdAt, updatedAt: order.updatedAt,
      lineItems: [],
    });
    record.lineItems = held.map(({ id, quantity, inventoryItem }) => {
      if (reserve && !order.cancelledAt) {
        commit(state, inventoryItem, place, quantity);
      }
      return state.add({ __typename: 'FulfillmentOrderLineItem', id: state.newId('FulfillmentOrderLineItem'), fulfillmentOrder: record.id,
        lineItem: id, inventoryItem, totalQuantity: quantity, remainingQuantity: quantity }).id;
    });
    return record.id;
  });
}

// A webhook carries far more than the simulator keeps; the rest of the body is of no concern here.
function fromWebhook(state, body) {
  const known = (type, number) => (number && state.get(gid(type, number)) ? number : undefined);
  return {
    id: body.id, name: body.name, email: body.email ?? null, phone: body.phone ?? null, note: body.note ?? null,
    tags: (body.tags ?? '').split(',').map((tag) => tag.trim()).filter((tag) => tag !== ''),
    currencyCode: body.currency ?? undefined, createdAt: utc(body.created_at), updatedAt: utc(body.updated_at),
    processedAt: utc(body.processed_at), cancelledAt: utc(body.cancelled_at) ?? null, location: known('Location', body.location_id),
    reserve: body.reserve,
    lineItems: body.line_items.map((line) => ({
      id: line.id, sku: line.sku ?? null, variant: line.sku ? undefined : known('ProductVariant', line.variant_id), title: line.title,
      quantity: line.quantity, requiresShipping: line.requires_shipping ?? true,
    })),
  };
}

// Webhooks give times with the shop's offset (2021-12-31T19:00:00-05:00), GraphQL in UTC.
function utc(text) {
  return text ? new Date(text).toISOString().replace(/\.\d{3}Z$/, 'Z') : undefined;
}

function idOf(state, type, value) {
  if (value === undefined || value === null) {
    return state.newId(type);
  }
  const id = /^\d+$/.test(String(value)) ? gid(type, String(value)) : value;
  if (parseGid(id)?.type !== type) {
    throw new SeedError(`${JSON.stringify(value)} is no id of a ${type}`);
  }
  return id;
}

function locationOf(state, value) {
  const id = value === undefined ? undefined : idOf(state, 'Location', value);
  if (!id || !state.get(id)) {
    throw new SeedError(`no location ${JSON.stringify(value)}: seed locations first`);
  }
  return id;
}

function itemOfSku(state, sku) {
  return sku === null || sku === undefined ? undefined : state.all('InventoryItem').find((item) => item.sku === sku);
}

function itemOfVariant(state, value) {
  const variant = state.get(idOf(state, 'ProductVariant', value));
  if (!variant) {
    throw new SeedError(`no variant ${JSON.stringify(value)}: seed products first`);
  }
  return state.get(variant.inventoryItem);
}

function stamps(state) {
  const now = state.clock.timestamp();
  return { createdAt: now, updatedAt: now };
}

// A misspelt key would silently change what a test means.
function refuseUnknown(where, rest) {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new SeedError(`${where} has no "${unknown}"`);
  }
}
