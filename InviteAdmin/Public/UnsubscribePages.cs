using InviteAdmin.Access;
using InviteAdmin.Outbox;
using InviteAdmin.Results;

namespace InviteAdmin.Public;

/// <summary>
/// Leaving all mail by one click (RFC 8058). Looking changes nothing, because mail scanners follow links; a POST acts, as often as it comes, without cookies or
/// a form of ours before it: the token in the address is what nobody else knows.
/// </summary>
internal static class UnsubscribePages
{
    public static void MapUnsubscribePages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/unsubscribe/{token}", (string token, Unsubscribe unsubscribe, CancellationToken cancel) => Show(token, unsubscribe.Look(Actor.Public, token, cancel)));
        pages.MapPost("/unsubscribe/{token}", (string token, Unsubscribe unsubscribe, CancellationToken cancel) => Show(token, unsubscribe.One(Actor.Public, token, cancel)));
        pages.MapPost("/unsubscribe/{token}/undo", (string token, Unsubscribe unsubscribe, CancellationToken cancel) => Show(token, unsubscribe.TakeBack(Actor.Public, token, cancel), back: true));
    }

    private static async Task<IResult> Show(string token, Task<Outcome<UnsubscribeState>> outcome, bool back = false) => await outcome is { Succeeded: true, Value: var state }
        ? PublicPage.Show<UnsubscribePage>(new { Token = token, State = state, Back = back })
        : PublicPage.Notice("LinkUnknown", "LinkUnknownMail", StatusCodes.Status404NotFound, "");
}
