// The shop itself, and Node lookups over everything else.

import { Unimplemented, invalidId } from './errors.js';
import { parseGid } from './gid.js';

// The types that node(id:) finds. A level's or a quantity's own node is not kept as a record.
const nodeTypes = ['Fulfillment', 'FulfillmentLineItem', 'FulfillmentOrder', 'FulfillmentOrderLineItem', 'InventoryAdjustmentGroup',
  'InventoryItem', 'InventoryLevel', 'LineItem', 'Location', 'Order', 'Product', 'ProductVariant', 'Shop', 'WebhookSubscription'];

export const fields = {
  Shop: { id: true, name: true, currencyCode: true, myshopifyDomain: true },
  QueryRoot: {
    shop: (_, __, { state }) => state.shop,
    node: { takes: ['id'], resolve: (_, { id }, { state }) => findNode(state, id) },
    nodes: { takes: ['ids'], resolve: (_, { ids }, { state }) => ids.map((id) => findNode(state, id)) },
  },
  PageInfo: { hasNextPage: true, hasPreviousPage: true, startCursor: true, endCursor: true },
  UserError: { field: true, message: true },
};

// An entry for coverage.js: one record of a type, by id.
export function byId(type) {
  return {
    takes: ['id'],
    resolve: (_, { id }, { state }) => {
      const record = state.lookUp(type, id);
      if (record === undefined) {
        throw invalidId();
      }
      return record;
    },
  };
}

function findNode(state, id) {
  const { type } = parseGid(id);
  if (!nodeTypes.includes(type)) {
    throw new Unimplemented(`QueryRoot.node for ${type}`);
  }
  return type === 'Shop' ? (state.shop.id === id ? state.shop : null) : state.lookUp(type, id);
}
