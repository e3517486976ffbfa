// Orders and their lines, and the feed a connector reconciles from: orders(query: "updated_at:>...", sortKey: UPDATED_AT).

import { connection, page, pagingArguments } from './connection.js';
import { Unimplemented } from './errors.js';
import { numberOf } from './gid.js';
import { search } from './search.js';
import { byId } from './shop.js';

const sortValues = {
  ID: () => '', CREATED_AT: (order) => order.createdAt, PROCESSED_AT: (order) => order.processedAt, UPDATED_AT: (order) => order.updatedAt,
};
const readers = {
  id: (order) => numberOf(order.id), name: (order) => order.name, email: (order) => order.email, created_at: (order) => order.createdAt,
  updated_at: (order) => order.updatedAt, processed_at: (order) => order.processedAt,
};

export function currentQuantity(line) {
  return line.quantity - line.removedQuantity;
}

export function unfulfilledQuantity(line) {
  return currentQuantity(line) - line.fulfilledQuantity;
}

export function fulfillmentOrdersOf(order, { state }) {
  return state.all('FulfillmentOrder').filter((fulfillmentOrder) => fulfillmentOrder.order === order.id);
}

export function fulfillmentsOf(order, { state }) {
  return state.sorted('Fulfillment').filter((fulfillment) => fulfillment.order === order.id);
}

function linesOf(order, { state }) {
  return order.lineItems.map((id) => state.get(id));
}

function displayFulfillmentStatus(order, context) {
  const lines = linesOf(order, context);
  if (!lines.some((line) => line.fulfilledQuantity > 0)) {
    return 'UNFULFILLED';
  }
  return lines.every((line) => unfulfilledQuantity(line) === 0) ? 'FULFILLED' : 'PARTIALLY_FULFILLED';
}

export const fields = {
  QueryRoot: {
    order: byId('Order'),
    orders: {
      takes: [...pagingArguments, 'query', 'sortKey'],
      resolve: (_, args, { state }) => {
        if (!sortValues[args.sortKey]) {
          throw new Unimplemented(`QueryRoot.orders(sortKey: ${args.sortKey})`);
        }
        return page(search(state.all('Order'), args.query, readers, 'QueryRoot.orders'), args, sortValues[args.sortKey]);
      },
    },
  },
  Order: {
    id: true,
    legacyResourceId: ({ id }) => numberOf(id),
    name: true,
    email: true,
    phone: true,
    note: true,
    tags: true,
    currencyCode: true,
    createdAt: true,
    updatedAt: true,
    processedAt: true,
    cancelledAt: true,
    cancelReason: true,
    closed: true,
    closedAt: true,
    displayFulfillmentStatus: (order, _, context) => displayFulfillmentStatus(order, context),
    lineItems: connection((order, context) => linesOf(order, context)),
    fulfillmentOrders: connection((order, context) => fulfillmentOrdersOf(order, context)),
    fulfillments: {
      takes: ['first'],
      resolve: (order, { first }, context) => fulfillmentsOf(order, context).slice(0, first ?? undefined),
    },
  },
  LineItem: {
    id: true,
    name: true,
    title: true,
    sku: true,
    quantity: true,
    currentQuantity,
    unfulfilledQuantity,
    requiresShipping: true,
    variant: (line, _, { state }) => state.get(line.variant) ?? null,
    product: (line, _, { state }) => state.get(state.get(line.variant)?.product) ?? null,
  },
};
