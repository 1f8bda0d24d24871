// Loads the page again once the server can serve it. Without scripts the browser does so every few seconds.
const look = async () => {
  try {
    if ((await fetch("/healthz/ready", { cache: "no-store" })).ok) {
      location.reload();
      return;
    }
  } catch {
    // The server itself is away.
  }
  setTimeout(look, 2000);
};
setTimeout(look, 2000);
