namespace InviteAdmin.Data;

internal sealed partial class DemoStory
{
    private void SignUp(DemoCode code, Person? entry)
    {
        if (code.Used >= code.MaxUses || code.RevokedAt is not null || code.ExpiresAt <= _clock || entry is { Status: not "invited" })
        {
            return;
        }

        code.Used++;
        var number = People + Members.Count;
        var member = new DemoMember(Members.Count, entry?.Name ?? DemoNames.Name(number), entry?.Email ?? DemoNames.Mailbox(number), code, _clock) { Entry = entry, Tier = code.Tier ?? "standard" };
        Members.Add(member);
        if (entry is not null)
        {
            (entry.Status, entry.RegisteredAt, entry.Member) = ("registered", _clock, member);
        }

        member.Codes.AddRange(Enumerable.Range(0, 3).Select(_ => Personal(member)));
        Mails.Add(new DemoMail("registered", entry, member, null, _clock));
        if ((code.Owner ?? entry?.Referrer?.Member) is { } referrer)
        {
            Refer(referrer, member, code.Owner is null ? null : code);
        }

        if (entry is not null)
        {
            foreach (var late in Members.Where(m => m.Entry?.Referrer == entry && m.Referrer is null && m != member && !IsAbove(m, member)).ToList())
            {
                Refer(member, late, null);
            }
        }

        if (entry?.Number == Star)
        {
            Grants.Add((member, null, 40, null, _clock));
            member.Codes.AddRange(Enumerable.Range(0, 40).Select(_ => Personal(member)));
            for (var i = 0; i < StarReferrals; i++)
            {
                At(_clock.AddHours(2 + (i * 4.2)), () => BringOne(member));
            }
        }
        else if (_random.NextDouble() < 0.3)
        {
            At(_clock.AddHours(3 + (_random.NextDouble() * 60)), () => BringOne(member));
        }
    }

    private void BringOne(DemoMember member)
    {
        if (member.Entry?.Number == Star ? member.Brought < StarReferrals : member.Brought < 12)
        {
            if (member.Codes.Find(c => c.Used == 0 && c.RevokedAt is null) is { } code)
            {
                SignUp(code, null);
            }
        }
    }

    private void Refer(DemoMember referrer, DemoMember referred, DemoCode? code)
    {
        if (referrer.Entry?.Number == Star && referrer.Brought >= StarReferrals)
        {
            return;
        }

        (referred.Referrer, referred.ReferredBy, referred.ReferredAt) = (referrer, code, _clock);
        referrer.Brought++;
        foreach (var (threshold, codes, tier) in ((int, int, string?)[])[(3, 3, null), (5, 3, null), (10, 3, null), (25, 28, "vip"), (50, 3, null)])
        {
            if (referrer.Brought == threshold)
            {
                Grants.Add((referrer, threshold, codes, tier, _clock));
                referrer.Codes.AddRange(Enumerable.Range(0, codes).Select(_ => Personal(referrer)));
                referrer.Tier = tier ?? referrer.Tier;
                Mails.Add(new DemoMail("referral_milestone", null, referrer, null, _clock) { Count = threshold, NewInvites = codes });
            }
        }
    }

    private static bool IsAbove(DemoMember candidate, DemoMember member)
    {
        for (var up = member.Referrer; up is not null; up = up.Referrer)
        {
            if (up == candidate)
            {
                return true;
            }
        }

        return false;
    }
}
