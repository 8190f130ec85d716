// Keeps the pages (never their data) on the device, so that the cabinet opens and says "no connection" instead of
// showing the browser's error page. Names under assets/ carry a hash: what is cached there never changes.
const CACHE = 'kkt-bridge-pages-1';

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

async function pageFirstFromNetwork(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) {
      await dropAssetsOfOldBuild(cache, fresh.clone());
      await cache.put('./', fresh.clone());
    }
    return fresh;
  } catch (error) {
    const kept = await cache.match('./');
    if (kept) return kept;
    throw error;
  }
}

// A new build means new names: the old ones would only take room.
async function dropAssetsOfOldBuild(cache, page) {
  const kept = await cache.match('./');
  if (!kept || (await kept.text()) === (await page.text())) return;
  for (const request of await cache.keys()) await cache.delete(request);
}

async function assetFromCache(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.includes('/api/')) return;
  if (request.mode === 'navigate') event.respondWith(pageFirstFromNetwork(request));
  else if (url.pathname.includes('/assets/')) event.respondWith(assetFromCache(request));
});
