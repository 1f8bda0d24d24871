using InviteAdmin.Access;
using InviteAdmin.Api;
using InviteAdmin.Data;
using InviteAdmin.Hosting;
using InviteAdmin.Jobs;
using InviteAdmin.Live;
using InviteAdmin.Public;
using InviteAdmin.Webhooks;

try
{
    using var stop = new StopSignals();
    var call = Invocation.Parse(args);
    var builder = Settings.NewBuilder(args);
    StartPhase.Add(builder);

    builder.Services.AddChecked<StaffSettings>("Staff", StaffSettings.Problems);
    builder.Services.AddChecked<ApiSettings>("Api", ApiSettings.Problems);
    builder.Services.AddInviteAdminCore().AddInviteAdminLoops();
    if (builder.Environment.IsDevelopment())
    {
        builder.Services.AddScoped<DemoLaunch>();
        builder.Services.PostConfigure<WebhooksOptions>(o => o.InDevelopment());
        if (builder.Configuration["INVITEADMIN_FAULTS"] is { } faults) FaultPoints.Arm(faults);
    }

    builder.Services.AddInviteApi(builder.Configuration);
    builder.Services.AddPublicPages();
    builder.Services.AddChecked<WidgetOptions>("Widget", WidgetOptions.Problems);
    builder.Services.AddWidget();
    builder.Services.AddRequestTime(builder.Configuration);
    builder.AddPublicUrl();
    builder.AddScheduling();
    builder.Services.AddDashboard();
    builder.Services.AddDraining();
    builder.AddTelemetry();

    var app = builder.Build();
    app.UseDraining();
    app.UseSecurityHeaders();
    app.UseRequestTimeouts();
    app.UseAwayPages();
    app.UseCors();
    app.UseAuthentication();
    app.UseAuthorization();
    app.UseAntiforgery();
    app.MapHealth();
    app.MapInviteApi();
    app.MapPublicPages();
    app.MapWidget();
    app.MapDashboard();

    return Patience.End(await Verbs.Run(app, call, stop.Token));
}
catch (OperationCanceledException)
{
    // Stopped before it was up.
    return 0;
}
catch (Exception fault) when (StartFailure.Sentence(fault) is { } sentence)
{
    await Console.Error.WriteLineAsync(sentence);
    return 1;
}

/// <summary>Made public for the tests, which start the app in their own process.</summary>
public partial class Program;
