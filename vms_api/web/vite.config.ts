import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The messages are our own and checked by a test, so the runtime needs neither the legacy API nor the devtools.
  define: { __VUE_I18N_LEGACY_API__: 'false', __VUE_I18N_FULL_INSTALL__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false' },
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 700, reportCompressedSize: false },
  server: { proxy: { '/api': { target: process.env.XUELIANG_DEV_API ?? 'http://127.0.0.1:8123', changeOrigin: false } } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node', setupFiles: [] },
})
