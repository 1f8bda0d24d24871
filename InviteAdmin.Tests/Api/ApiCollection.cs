using InviteAdmin.Tests.Support;

namespace InviteAdmin.Tests.Api;

/// <summary>The classes that call the API over HTTP share one app and run one after another; every test brings people of its own.</summary>
[CollectionDefinition(Name)]
public sealed class ApiCollection : ICollectionFixture<RunningApp>
{
    public const string Name = "api";
}
