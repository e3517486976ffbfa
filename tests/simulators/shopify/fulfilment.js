// Fulfilment orders (what is to be sent, from where) and fulfilments (what was sent). fulfillmentCreate has no idempotency key: a
// repeat sends again whatever still remains, and is refused where nothing does.

import { connection, page, pagingArguments } from './connection.js';
import { Unimplemented, invalidId } from './errors.js';
import { compareIds, numberOf, parseGid } from './gid.js';
import { ship } from './inventory.js';
import { plainMutation } from './mutation.js';
import { fulfillmentsOf } from './orders.js';
import { byId } from './shop.js';

const fulfillableStatuses = ['OPEN', 'IN_PROGRESS'];

function linesOf(fulfillmentOrder, { state }) {
  return fulfillmentOrder.lineItems.map((id) => state.get(id));
}

// As a merchant's own location was seen to offer them.
function supportedActions(fulfillmentOrder, context) {
  if (!fulfillableStatuses.includes(fulfillmentOrder.status)) {
    return [];
  }
  const several = linesOf(fulfillmentOrder, context).reduce((sum, line) => sum + line.remainingQuantity, 0) > 1;
  const actions = ['CREATE_FULFILLMENT', 'REPORT_PROGRESS', 'MOVE', 'HOLD', ...(several ? ['SPLIT'] : [])];
  return actions.map((action) => ({ action, externalUrl: null }));
}

export const fields = {
  QueryRoot: {
    fulfillmentOrder: byId('FulfillmentOrder'),
    fulfillment: byId('Fulfillment'),
    fulfillmentOrders: {
      takes: [...pagingArguments, 'includeClosed', 'sortKey'],
      resolve: (_, args, { state }) => {
        if (args.sortKey !== 'ID') {
          throw new Unimplemented(`QueryRoot.fulfillmentOrders(sortKey: ${args.sortKey})`);
        }
        return page(state.all('FulfillmentOrder').filter(({ status }) => status !== 'CLOSED' || args.includeClosed), args);
      },
    },
  },
  Mutation: {
    fulfillmentCreate: plainMutation(['fulfillment', 'message'], create),
    fulfillmentTrackingInfoUpdate: plainMutation(['fulfillmentId', 'trackingInfoInput', 'notifyCustomer'], updateTracking),
  },
  FulfillmentCreatePayload: { fulfillment: true, userErrors: true },
  FulfillmentTrackingInfoUpdatePayload: { fulfillment: true, userErrors: true },
  FulfillmentOrder: {
    id: true,
    status: true,
    requestStatus: true,
    createdAt: true,
    updatedAt: true,
    orderId: ({ order }) => order,
    orderName: ({ order }, _, { state }) => state.get(order).name,
    order: ({ order }, _, { state }) => state.get(order),
    assignedLocation: ({ location }, _, { state }) => state.get(location),
    supportedActions: (fulfillmentOrder, _, context) => supportedActions(fulfillmentOrder, context),
    lineItems: connection((fulfillmentOrder, context) => linesOf(fulfillmentOrder, context)),
    fulfillments: connection(({ id }, { state }) => state.all('Fulfillment').filter((made) => made.fulfillmentOrders.includes(id))),
  },
  FulfillmentOrderAssignedLocation: { name: true, location: (location) => location },
  FulfillmentOrderSupportedAction: { action: true, externalUrl: true },
  FulfillmentOrderLineItem: {
    id: true,
    totalQuantity: true,
    remainingQuantity: true,
    inventoryItemId: ({ inventoryItem }) => inventoryItem,
    sku: (line, _, { state }) => state.get(line.lineItem).sku,
    requiresShipping: (line, _, { state }) => state.get(line.lineItem).requiresShipping,
    lineItem: (line, _, { state }) => state.get(line.lineItem),
    variant: (line, _, { state }) => state.get(state.get(line.lineItem).variant) ?? null,
  },
  Fulfillment: {
    id: true,
    legacyResourceId: ({ id }) => numberOf(id),
    name: true,
    status: true,
    displayStatus: true,
    createdAt: true,
    updatedAt: true,
    totalQuantity: (made, _, { state }) => made.lineItems.reduce((sum, id) => sum + state.get(id).quantity, 0),
    order: ({ order }, _, { state }) => state.get(order),
    location: ({ location }, _, { state }) => state.get(location),
    trackingInfo: { takes: ['first'], resolve: ({ trackingInfo }, { first }) => trackingInfo.slice(0, first ?? undefined) },
    fulfillmentLineItems: connection((made, { state }) => made.lineItems.map((id) => state.get(id))),
    fulfillmentOrders: connection((made, { state }) => made.fulfillmentOrders.map((id) => state.get(id))),
  },
  FulfillmentLineItem: { id: true, quantity: true, lineItem: (line, _, { state }) => state.get(line.lineItem) },
  FulfillmentTrackingInfo: { company: true, number: true, url: true },
};

export const inputs = {
  FulfillmentInput: ['lineItemsByFulfillmentOrder', 'notifyCustomer', 'trackingInfo'],
  FulfillmentOrderLineItemsInput: ['fulfillmentOrderId', 'fulfillmentOrderLineItems'],
  FulfillmentOrderLineItemInput: ['id', 'quantity'],
  FulfillmentTrackingInput: ['company', 'number', 'numbers', 'url', 'urls'],
};

function refuse(field, message) {
  return { fulfillment: null, userErrors: [{ field, message }] };
}

// The checks come in the order in which Shopify was seen to make them (2026-04), and so does the field each one names.
function create({ fulfillment, message }, context) {
  const { state } = context;
  const groups = fulfillment.lineItemsByFulfillmentOrder;
  if (groups.length === 0) {
    throw new Unimplemented('fulfillmentCreate without a fulfilment order', 'what Shopify answers was not seen');
  }
  for (const [index, { fulfillmentOrderLineItems }] of groups.entries()) {
    const wrong = (fulfillmentOrderLineItems ?? []).findIndex(({ quantity }) => quantity <= 0);
    if (wrong >= 0) {
      return refuse(['fulfillment', 'lineItemsByFulfillmentOrder', String(index), 'fulfillmentOrderLineItems', String(wrong), 'quantity'],
        'Quantity must be greater than 0');
    }
  }
  const fulfillmentOrders = groups.map(({ fulfillmentOrderId }) => find(state, fulfillmentOrderId));
  const problem = problemOf(fulfillmentOrders);
  if (problem) {
    return refuse(['fulfillment'], problem);
  }
  const wanted = new Map();
  for (const [index, { fulfillmentOrderLineItems }] of groups.entries()) {
    const lines = linesOf(fulfillmentOrders[index], context);
    // No lines given means all that remains.
    const chosen = fulfillmentOrderLineItems
      ?? lines.filter((line) => line.remainingQuantity > 0).map((line) => ({ id: line.id, quantity: line.remainingQuantity }));
    for (const { id, quantity } of chosen) {
      const line = lines.find((candidate) => candidate.id === id);
      if (!line) {
        return refuse(['fulfillment'], 'Fulfillment order line item does not exist.');
      }
      wanted.set(line, (wanted.get(line) ?? 0) + quantity);
    }
  }
  if (wanted.size === 0 || [...wanted].some(([line, quantity]) => quantity > line.remainingQuantity)) {
    return refuse(['fulfillment'], 'Invalid fulfillment order line item quantity requested.');
  }
  return { fulfillment: apply(fulfillmentOrders, wanted, fulfillment, message, context), userErrors: [] };
}

function find(state, id) {
  const found = parseGid(id).number === '0' ? undefined : state.lookUp('FulfillmentOrder', id);
  if (found === undefined) {
    throw invalidId();
  }
  return found;
}

function problemOf(fulfillmentOrders) {
  if (fulfillmentOrders.includes(null)) {
    return 'Fulfillment order does not exist.';
  }
  const numbers = (values) => [...new Set(values)].sort(compareIds).map(numberOf).join(', ');
  const distinct = (name) => new Set(fulfillmentOrders.map((fulfillmentOrder) => fulfillmentOrder[name]));
  if (distinct('order').size > 1) {
    return `All fulfillment orders must belong to the same order. Multiple orders with ids [${numbers(distinct('order'))}] were found.`;
  }
  if (distinct('location').size > 1) {
    return 'All fulfillment orders must be assigned to a single location. '
      + `Multiple locations with ids [${numbers(distinct('location'))}] were found.`;
  }
  const closed = fulfillmentOrders.find(({ status }) => !fulfillableStatuses.includes(status));
  return closed ? `Fulfillment order ${numberOf(closed.id)} has an unfulfillable status= ${closed.status.toLowerCase()}.` : null;
}

function apply(fulfillmentOrders, wanted, input, message, context) {
  const { state } = context;
  const order = state.get(fulfillmentOrders[0].order);
  const { location } = fulfillmentOrders[0];
  const sent = new Map();
  for (const [line, quantity] of wanted) {
    line.remainingQuantity -= quantity;
    state.get(line.lineItem).fulfilledQuantity += quantity;
    ship(state, line.inventoryItem, location, quantity);
    // Two fulfilment orders can hold parts of one line: the fulfilment has the line once.
    sent.set(line.lineItem, (sent.get(line.lineItem) ?? 0) + quantity);
  }
  for (const fulfillmentOrder of fulfillmentOrders) {
    const done = linesOf(fulfillmentOrder, context).every((line) => line.remainingQuantity === 0);
    fulfillmentOrder.status = done ? 'CLOSED' : 'IN_PROGRESS';
    state.touch(fulfillmentOrder);
  }
  const now = state.clock.timestamp();
  const made = state.add({
    __typename: 'Fulfillment', id: state.newId('Fulfillment'), name: `${order.name}-F${fulfillmentsOf(order, context).length + 1}`,
    order: order.id, location, fulfillmentOrders: [...new Set(fulfillmentOrders.map(({ id }) => id))], status: 'SUCCESS',
    displayStatus: 'FULFILLED', trackingInfo: trackingOf(input.trackingInfo), notifyCustomer: input.notifyCustomer ?? false,
    message: message ?? null, createdAt: now, updatedAt: now,
    lineItems: [...sent].map(([lineItem, quantity]) => (
      state.add({ __typename: 'FulfillmentLineItem', id: state.newId('FulfillmentLineItem'), lineItem, quantity }).id)),
  });
  state.touch(order);
  return made;
}

function updateTracking({ fulfillmentId, trackingInfoInput }, { state }) {
  const made = state.lookUp('Fulfillment', fulfillmentId);
  if (made === undefined) {
    throw invalidId();
  }
  if (made === null) {
    return refuse(['fulfillmentId'], 'Fulfillment does not exist.');
  }
  made.trackingInfo = trackingOf(trackingInfoInput);
  state.touch(made);
  state.touch(state.get(made.order));
  return { fulfillment: made, userErrors: [] };
}

function trackingOf(input) {
  if (!input) {
    return [];
  }
  const several = (many, one) => many ?? ((one ?? null) === null ? [] : [one]);
  const numbers = several(input.numbers, input.number);
  const urls = several(input.urls, input.url);
  return Array.from({ length: Math.max(numbers.length, urls.length) }, (_, index) => ({
    company: input.company ?? null, number: numbers[index] ?? null, url: urls[index] ?? null,
  }));
}
