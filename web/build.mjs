// Builds the page into dist/ (or the folder given): node build.mjs [FOLDER]
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, 'dist'));
const source = (...parts) => path.join(here, 'src', ...parts);

/** KaTeX's fonts in the one format that browsers of today need, named as they are. */
const katexStyle = {
  name: 'katex-style',
  setup(build) {
    build.onLoad({ filter: /katex\.css$/ }, async ({ path: file }) => {
      const css = await readFile(file, 'utf8');
      const contents = css
        .replace(/,\s*url\([^)]*\) format\('(woff|truetype)'\)/g, '')
        .replace(/,\s*url\([^)]*\) format\("(woff|truetype)"\)/g, '');
      return { contents, loader: 'css', resolveDir: path.dirname(file) };
    });
  },
};

const options = {
  bundle: true,
  minify: true,
  target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: here,
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await esbuild.build({
  ...options,
  entryPoints: { page: source('main.ts'), theme: source('theme.ts') },
  outdir: out,
  format: 'iife',
});
await esbuild.build({
  ...options,
  entryPoints: { page: source('style', 'page.css') },
  outdir: out,
  loader: { '.woff2': 'file' },
  assetNames: '[name]',
  plugins: [katexStyle],
});
for (const file of ['index.html', 'manifest.webmanifest', 'icon.svg']) {
  await copyFile(source(file), path.join(out, file));
}
for (const file of await readdir(source('icons'))) {
  await copyFile(source('icons', file), path.join(out, file));
}

// The service worker knows the page's files and, so that it is a new one when they are, their sum.
const files = (await readdir(out)).sort();
const sum = createHash('sha256');
for (const file of files) sum.update(`${file}\n`).update(await readFile(path.join(out, file)));
const shell = files.map((file) => (file === 'index.html' ? './' : file));
await esbuild.build({
  ...options,
  entryPoints: { 'service-worker': source('service_worker.ts') },
  outdir: out,
  format: 'iife',
  define: { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(sum.digest('hex').slice(0, 16)) },
});

// The live page of a training run, which r1 train serves.
const live = path.join(out, 'dashboard');
await mkdir(live);
await esbuild.build({
  ...options,
  entryPoints: { page: source('dashboard', 'main.ts') },
  outdir: live,
  format: 'iife',
});
await esbuild.build({
  ...options,
  entryPoints: { page: source('dashboard', 'page.css') },
  outdir: live,
});
await copyFile(source('dashboard', 'index.html'), path.join(live, 'index.html'));
await copyFile(source('icon.svg'), path.join(live, 'icon.svg'));

// What the pages are made of besides its own sources, as their licences ask.
const parts = [
  'markdown-it',
  'linkify-it',
  'mdurl',
  'uc.micro',
  'entities',
  'punycode.js',
  'katex',
];
const notices = [];
for (const part of [...parts, 'lowlight', 'highlight.js', 'devlop', 'uplot']) {
  const folder = path.join(here, 'node_modules', part);
  const inside = await readdir(folder).catch(() => []);
  const licence = inside.find((file) => /^licen[sc]e/i.test(file));
  if (!licence) continue;
  const text = (await readFile(path.join(folder, licence), 'utf8')).trim();
  notices.push(`${part}\n${'='.repeat(part.length)}\n${text}\n`);
}
await writeFile(path.join(out, 'licences.txt'), notices.join('\n\n'));
