// Everything here works by attributes on the page, so that no script stands in it: copy buttons, theme, shortcuts, dialogs, reconnecting.
(() => {
  'use strict';
  const root = document.documentElement;
  const find = selector => document.querySelector(selector);

  // Theme: one stylesheet for each; its media attribute decides.
  const applyTheme = theme => {
    if (theme === 'system') delete root.dataset.theme; else root.dataset.theme = theme;
    for (const link of document.querySelectorAll('link[data-for]'))
      link.media = theme === 'system' ? `(prefers-color-scheme: ${link.dataset.for})` : theme === link.dataset.for ? 'all' : 'not all';
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
  };
  document.addEventListener('change', event => {
    if (event.target.name === 'theme') applyTheme(event.target.value);
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

  // Shortcuts. Single letters rest while somebody types, and can be switched off (WCAG 2.1.4).
  let afterG = 0;
  document.addEventListener('keydown', event => {
    const search = find('[data-search]');
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && search) { event.preventDefault(); search.focus(); search.select(); return; }
    if (event.key === 'Escape') {
      const menu = find('details.me[open]');
      if (menu) { menu.open = false; menu.querySelector('summary').focus(); return; }
      if (!find('dialog[open]') && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) find('[data-escape]')?.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || find('dialog[open]') || localStorage.getItem('shortcuts') === 'off') return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable) return;
    if (event.key === '/' && search) { event.preventDefault(); search.focus(); return; }
    const now = Date.now();
    if (event.key === 'g') { afterG = now; return; }
    const target = now - afterG < 1500 ? find(`[data-go="${CSS.escape(event.key)}"]`) : find(`[data-key="${CSS.escape(event.key)}"]`);
    afterG = 0;
    if (target) { event.preventDefault(); target.click(); }
  });

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
