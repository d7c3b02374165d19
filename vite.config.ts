// Front-end build: one entry per page island, hashed files plus the manifest that Django's {% vite %} tag reads.
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "static/dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    assetsInlineLimit: 0, // The CSP allows no data: URLs.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["boards/ui/boards.tsx", "boards/ui/board.tsx", "sessions/ui/room.tsx", "agents/ui/inbox.tsx", "agents/ui/console/console.tsx", "agents/ui/performance/performance.tsx", "agents/ui/check_events.tsx", "project/accounts/ui/sign.ts"],
    },
  },
  test: { include: ["tests/js/**/*.test.ts"], environment: "node" },
});
