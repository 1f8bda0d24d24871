// Comfort only: every page works without this file.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // No permission, or plain http: the older way needs only the selection.
      document.execCommand("copy");
    }
    button.textContent = button.dataset.done;
    const said = document.getElementById("copied");
    if (said) said.textContent = said.dataset.said;
    setTimeout(() => { button.textContent = label; if (said) said.textContent = ""; }, 2000);
  });
}

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator.share({ title: button.dataset.title, url: button.dataset.share }).catch(() => { /* closed without sharing */ }));
}
