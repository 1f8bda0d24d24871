// Everything here works by attributes on the page, so that no script stands in it: copy buttons, theme, shortcuts, dialogs, reconnecting.
(() => {
  'use strict';
  const root = document.documentElement;
  const find = selector => document.querySelector(selector);

  // Theme: one stylesheet for each; its media attribute decides. The cookie lets the next first paint have it.
  const remember = (name, value) => {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
  };
  const applyTheme = theme => {
    if (theme === 'system') delete root.dataset.theme; else root.dataset.theme = theme;
    for (const link of document.querySelectorAll('link[data-for]'))
      link.media = theme === 'system' ? `(prefers-color-scheme: ${link.dataset.for})` : theme === link.dataset.for ? 'all' : 'not all';
    remember('theme', theme);
  };
  const applyDensity = density => {
    if (density === 'compact') root.dataset.density = density; else delete root.dataset.density;
    remember('density', density);
  };
  document.addEventListener('change', event => {
    if (event.target.name === 'theme') applyTheme(event.target.value);
    if (event.target.name === 'density') applyDensity(event.target.value);
    if (event.target.name === 'shortcuts') localStorage.setItem('shortcuts', event.target.checked ? 'on' : 'off');
  });

  // Copy
  document.addEventListener('click', async event => {
    const button = event.target.closest('[data-copy]');
    if (button) {
      await navigator.clipboard.writeText(button.dataset.copy);
      const said = button.parentElement.querySelector('[role=status]');
      if (said) { said.textContent = 'Copied'; setTimeout(() => { said.textContent = ''; }, 2000); }
    }
    const menu = find('details.me[open]');
    if (menu && !menu.contains(event.target)) menu.open = false;
  });

  // Command palette: the dialog stands on the page, so that it opens without asking the server. The list in it is the server's;
  // the arrow keys move here which line is meant (ARIA APG, combobox with a list).
  const palette = () => find('dialog[data-palette]');
  const field = () => find('[data-palette-field]');
  const lines = () => [...palette().querySelectorAll('[role=option]')];
  const meant = () => palette().querySelector('[role=option][aria-selected=true]');
  const mean = line => {
    for (const other of lines()) if (other !== line) other.setAttribute('aria-selected', 'false');
    if (line) {
      line.setAttribute('aria-selected', 'true');
      field().setAttribute('aria-activedescendant', line.id);
      line.scrollIntoView({ block: 'nearest' });
    } else field().removeAttribute('aria-activedescendant');
  };
  // The server wrote other lines: the first one is meant, unless the one that was is still there.
  const watched = new WeakSet();
  const openPalette = () => {
    const dialog = palette();
    if (!dialog || dialog.open) return;
    const list = dialog.querySelector('[role=listbox]');
    if (!watched.has(list)) {
      watched.add(list);
      new MutationObserver(() => { if (!meant() || list.dataset.fits !== list.dataset.was) { list.dataset.was = list.dataset.fits; mean(lines()[0]); } })
        .observe(list, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-fits'] });
    }
    dialog.showModal();
    field().focus();
    field().select();
    mean(lines()[0]);
  };
  const paletteKey = event => {
    const all = lines(), at = all.indexOf(meant());
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step && all.length) {
      event.preventDefault();
      const wrap = Math.abs(step) === 1;
      mean(all[wrap ? (at + step + all.length) % all.length : Math.max(0, Math.min(all.length - 1, at + step))]);
    } else if (event.key === 'Enter' && !event.isComposing && all[at] && palette().querySelector('[role=listbox]').dataset.fits === field().value.trim()) {
      // The lines fit what stands in the field; otherwise the form asks the server, which opens what fits best.
      event.preventDefault();
      all[at].click();
    }
  };
  document.addEventListener('mousemove', event => {
    const line = event.target.closest?.('dialog[data-palette] [role=option]');
    if (line && line !== meant()) mean(line);
  });
  document.addEventListener('click', event => {
    if (event.target.closest('[data-opens-palette]')) openPalette();
    const line = event.target.closest('dialog[data-palette] [role=option]');
    if (line && line.getAttribute('aria-disabled') === 'true') { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (line?.dataset.press) find(line.dataset.press)?.click();
    if (line || event.target === palette()) palette().close();
  }, true);
  document.addEventListener('close', event => { if (event.target === palette()) field().value = ''; }, true);
  document.addEventListener('submit', event => { if (event.target.closest('dialog[data-palette]')) setTimeout(() => palette()?.close()); });

  // Rows: j and k put the focus on the next row's own link, so that Enter opens it and the screen reader says it.
  const rowLink = row => row.querySelector('td.lead a[href], th[scope=row] a[href], td a[href]');
  const stepRow = by => {
    const tables = [...document.querySelectorAll('main table.list')];
    const here = document.activeElement?.closest('main table.list tr');
    const table = here?.closest('table') ?? tables.find(t => [...t.tBodies[0]?.rows ?? []].some(rowLink));
    const rows = [...table?.tBodies[0]?.rows ?? []].filter(rowLink);
    if (!rows.length) return false;
    const at = rows.indexOf(here);
    const row = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    rowLink(row).focus({ focusVisible: true });
    row.scrollIntoView({ block: 'nearest' });
    return true;
  };

  // Shortcuts. Single letters rest while somebody types, and can be switched off (WCAG 2.1.4). AltGr writes brackets on many keyboards.
  let afterG = 0;
  document.addEventListener('keydown', event => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k' && palette()) {
      event.preventDefault();
      if (palette().open) palette().close(); else if (!find('dialog[open]')) openPalette();
      return;
    }
    if (event.target === field()) { paletteKey(event); return; }
    if (event.key === 'Escape') {
      const menu = find('details.me[open]');
      if (menu) { menu.open = false; menu.querySelector('summary').focus(); return; }
      if (!find('dialog[open]') && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) find('[data-escape]')?.click();
      return;
    }
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if ((chord && !event.getModifierState('AltGraph')) || find('dialog[open]') || localStorage.getItem('shortcuts') === 'off') return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable) return;
    const now = Date.now();
    const go = now - afterG < 1500;
    afterG = 0;
    if (!go && event.key === 'g') { afterG = now; return; }
    if (!go && event.key === '/' && palette()) { event.preventDefault(); openPalette(); return; }
    if (!go && (event.key === 'j' || event.key === 'k') && stepRow(event.key === 'j' ? 1 : -1)) { event.preventDefault(); return; }
    const target = go ? find(`[data-go="${CSS.escape(event.key)}"]`)
      : event.key === '[' ? find('main .pager [rel=prev]') ?? find('main .pager [rel=first]')
      : event.key === ']' ? find('main .pager [rel=next]')
      : find(`[data-key="${CSS.escape(event.key)}"]`);
    if (target) { event.preventDefault(); target.click(); }
  });

  // Heartbeat: the server writes a number into the live mark every five seconds. Fifteen seconds without a new one, and the page says that it may be old.
  const staleAfter = 15000;
  let beat = null, beatAt = performance.now();
  setInterval(() => {
    const live = find('[data-beat]');
    if (!live || find('[data-interactive=false]')) return;
    const now = performance.now();
    if (live.dataset.beat !== beat) { beat = live.dataset.beat; beatAt = now; }
    const late = now - beatAt > staleAfter;
    if (late === ('late' in root.dataset)) return;
    if (late) root.dataset.late = ''; else delete root.dataset.late;
    const said = live.querySelector('[data-late-word]');
    if (said) said.textContent = late ? 'Numbers may be old: the server gives no sign of life.' : '';
  }, 1000);

  // Dialogs: the browser's own, which keeps the focus inside and gives it back.
  window.inviteAdmin = {
    open: dialog => { if (dialog && !dialog.open) dialog.showModal(); },
    close: dialog => { if (dialog?.open) dialog.close(); },
    shortcuts: () => localStorage.getItem('shortcuts') !== 'off',
  };

  // A circuit the server no longer knows is a page to load again.
  const reconnecting = find('#components-reconnect-modal');
  if (reconnecting) new MutationObserver(() => {
    if (reconnecting.classList.contains('components-reconnect-rejected')) location.reload();
    if (reconnecting.classList.contains('components-reconnect-failed')) comeBack();
  }).observe(reconnecting, { attributes: true, attributeFilter: ['class'] });

  // No circuit came up or came back, as while the database is away: the page is loaded again once the server can serve it.
  const comeBack = async () => {
    try {
      if ((await fetch('/healthz/ready', { cache: 'no-store' })).ok) { location.reload(); return; }
    } catch { /* The server itself is away. */ }
    setTimeout(comeBack, 2000);
  };
  if (find('[data-away]')) setTimeout(() => { if (find('[data-interactive=false]')) comeBack(); }, 4000);
})();

// Trees, as the ARIA Authoring Practices describe them: one stop for Tab, arrows inside. What is closed is opened by pressing its own button.
(() => {
  'use strict';
  const itemOf = target => target.closest?.('[role=treeitem]');
  const enter = item => {
    for (const other of item.closest('[role=tree]').querySelectorAll('[role=treeitem][tabindex="0"]')) other.tabIndex = -1;
    item.tabIndex = 0;
    item.focus();
  };
  document.addEventListener('focusin', event => {
    const item = itemOf(event.target);
    if (item && event.target !== item) {
      for (const other of item.closest('[role=tree]').querySelectorAll('[role=treeitem][tabindex="0"]')) other.tabIndex = -1;
      item.tabIndex = 0;
    }
  });
  document.addEventListener('keydown', event => {
    const item = itemOf(event.target);
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = [...item.closest('[role=tree]').querySelectorAll('[role=treeitem]')];
    const at = items.indexOf(item);
    const state = item.getAttribute('aria-expanded');
    const press = selector => item.querySelector(`:scope > .leaf ${selector}`)?.click();
    switch (event.key) {
      case 'ArrowDown': if (at < items.length - 1) enter(items[at + 1]); break;
      case 'ArrowUp': if (at > 0) enter(items[at - 1]); break;
      case 'Home': enter(items[0]); break;
      case 'End': enter(items[items.length - 1]); break;
      case 'ArrowRight':
        if (state === 'false') press('[data-twist]');
        else if (state === 'true') { const first = item.querySelector(':scope > [role=group] > [role=treeitem]'); if (first) enter(first); }
        break;
      case 'ArrowLeft':
        if (state === 'true') press('[data-twist]');
        else { const parent = item.parentElement.closest('[role=treeitem]'); if (parent) enter(parent); }
        break;
      case 'Enter': if (event.target !== item) return; press('[data-enter]'); break;
      case ' ': if (event.target !== item) return; press(state === null ? '[data-enter]' : '[data-twist]'); break;
      default: return;
    }
    event.preventDefault();
  });
})();
