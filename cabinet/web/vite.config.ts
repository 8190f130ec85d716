// How the pages are built: one lean entry, every page and the charts in their own chunks.
/// <reference types="vitest/config" />
import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';

// `npm run dev` and a running cabinet (or `npm run mock`): the API is passed through.
const api = loadEnv('', '.', 'KB_').KB_CABINET_URL ?? 'http://127.0.0.1:8099';

export default defineConfig({
  plugins: [react()],
  // Relative addresses: the cabinet may serve the pages below a prefix.
  base: './',
  build: {
    target: 'es2022',
    outDir: 'dist',
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/, priority: 30 },
            { name: 'charts', test: /node_modules[\\/](echarts|zrender)[\\/]/, priority: 20 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: api, secure: false, changeOrigin: true } } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
