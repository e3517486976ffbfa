import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const folder = new URL('..', import.meta.url);

test('it says where it listens, serves there only, and ends cleanly on SIGTERM', async (t) => {
  const child = spawn(process.execPath, ['simulator.js', '--port', '0', '--token', 'shpat_x', '--client-id', 'a', '--client-secret', 'b'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: line } = await lines.next();
  const [, port] = /^listening on 127\.0\.0\.1:(\d+)$/.exec(line);
  const response = await fetch(`http://127.0.0.1:${port}/admin/api/2026-10/graphql.json`, {
    method: 'POST', body: JSON.stringify({ query: '{ shop { name } }' }),
    headers: { 'content-type': 'application/json', 'x-shopify-access-token': 'shpat_x' },
  });
  assert.equal(response.status, 200);
  child.kill('SIGTERM');
  const [code, signal] = await once(child, 'exit');
  assert.deepEqual([code, signal], [0, null]);
  assert.equal((await lines.next()).done, true);
});

test('without credentials it does not start', async () => {
  const child = spawn(process.execPath, ['simulator.js'], { cwd: folder, stdio: 'ignore' });
  assert.deepEqual(await once(child, 'exit'), [2, null]);
});

test('the lock file names no registry and holds two packages', () => {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', folder), 'utf8'));
  const installed = Object.entries(lock.packages).filter(([path]) => path !== '');
  assert.deepEqual(installed.map(([path]) => path), ['node_modules/@shopify/dev-mcp', 'node_modules/graphql']);
  for (const [, entry] of installed) {
    assert.equal(entry.resolved, undefined);
    assert.match(entry.integrity, /^sha512-/);
  }
});
