// Products, variants and inventory items: read only, as a connector reads them.

import { page, pagingArguments, connection } from './connection.js';
import { Unimplemented } from './errors.js';
import { numberOf } from './gid.js';
import { levelAt, levelsOf, totalAvailable } from './inventory.js';
import { search } from './search.js';
import { byId } from './shop.js';

const variantReaders = { sku: (variant) => variant.sku, id: (variant) => numberOf(variant.id) };
const itemReaders = { sku: (item) => item.sku, id: (item) => numberOf(item.id) };

function variantOf(item, { state }) {
  return state.get(item.variant);
}

function totalOfProduct(product, { state }) {
  return product.variants.reduce((sum, id) => sum + totalAvailable(state, state.get(id).inventoryItem), 0);
}

export const fields = {
  QueryRoot: {
    product: byId('Product'),
    productVariant: byId('ProductVariant'),
    inventoryItem: byId('InventoryItem'),
    productVariants: {
      takes: [...pagingArguments, 'query', 'sortKey'],
      resolve: (_, args, { state }) => {
        if (args.sortKey !== 'ID') {
          throw new Unimplemented(`QueryRoot.productVariants(sortKey: ${args.sortKey})`);
        }
        return page(search(state.all('ProductVariant'), args.query, variantReaders, 'QueryRoot.productVariants'), args);
      },
    },
    inventoryItems: {
      takes: [...pagingArguments, 'query'],
      resolve: (_, args, { state }) => page(search(state.all('InventoryItem'), args.query, itemReaders, 'QueryRoot.inventoryItems'), args),
    },
  },
  Product: {
    id: true,
    legacyResourceId: ({ id }) => numberOf(id),
    title: true,
    createdAt: true,
    updatedAt: true,
    tracksInventory: (product, _, { state }) => product.variants.some((id) => state.get(state.get(id).inventoryItem).tracked),
    totalInventory: (product, _, context) => totalOfProduct(product, context),
    variants: connection((product, { state }) => product.variants.map((id) => state.get(id))),
  },
  ProductVariant: {
    id: true,
    legacyResourceId: ({ id }) => numberOf(id),
    title: true,
    displayName: (variant, _, { state }) => `${state.get(variant.product).title} - ${variant.title}`,
    sku: true,
    barcode: true,
    price: true,
    createdAt: true,
    updatedAt: true,
    inventoryQuantity: (variant, _, { state }) => totalAvailable(state, variant.inventoryItem),
    inventoryItem: (variant, _, { state }) => state.get(variant.inventoryItem),
    product: (variant, _, { state }) => state.get(variant.product),
  },
  InventoryItem: {
    id: true,
    legacyResourceId: ({ id }) => numberOf(id),
    sku: true,
    tracked: true,
    requiresShipping: true,
    createdAt: true,
    updatedAt: true,
    variant: (item, _, context) => variantOf(item, context),
    variants: { takes: ['first', 'last', 'after', 'before'], resolve: (item, args, context) => page([variantOf(item, context)], args) },
    inventoryLevel: { takes: ['locationId'], resolve: (item, { locationId }, { state }) => levelAt(state, item.id, locationId) ?? null },
    inventoryLevels: connection((item, { state }) => levelsOf(state, item.id)),
  },
};
